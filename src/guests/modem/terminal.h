/* The other end of the line: types AT commands and prints what is said to them, so that two such kernels make a whole. */
#pragma once

/* Says the script once; each line of the transcript goes to the console. */
void terminal_run(void);
