/* How much of the hart those who serve peers may take, all of them together: a peer that floods must not use up the budget
 * that the layer gives this guest, and with it the control loop's. */
#pragma once

/* Between two pieces of work: sleeps for the rest of the period once the share is used up. */
void share_check(void);
