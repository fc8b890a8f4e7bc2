/* The guest's own UART, polled. */
#pragma once

void console_write(const char *text, unsigned long length);

/* Knows %s, %c, %lu, %lx and %%. */
__attribute__((format(printf, 1, 2))) void console_print(const char *format, ...);
