#pragma once

/* For a static table of nothing but pointers: start.S relocates each of its words (guest.ld says why). */
#define POINTERS __attribute__((section(".pointers")))
