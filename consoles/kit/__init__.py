"""What every console is built from: screens that ask and show, the board, the bars, the dialogs."""
