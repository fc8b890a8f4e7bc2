// What the kernel of the storms and its assembly both know.
#ifndef STORMS_H
#define STORMS_H

#define STORM_TEXT 0x40000000 // virtual address of the tasks' code
#define STORM_DATA 0x40200000 // of their pages
#define STORM_PAGES 8

#define CALL_EXIT 0
#define CALL_YIELD 1
#define CALL_SUM 2
#define CALL_NEXT 3

#define FRAME_PC 0 // where x0 would be
#define FRAME_SATP 256
#define FRAME_BYTES 264

#endif
