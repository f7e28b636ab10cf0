"""Where samples come from: sets and files, looked at before they are taken, plotted, and drawn by hand."""
