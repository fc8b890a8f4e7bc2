/* Address spaces of processes: the user's pages come on demand, the kernel's map is shared. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum space_access { SPACE_READ, SPACE_WRITE, SPACE_EXECUTE };

uint64_t *space_create(void); /* the root; NULL without memory */
void space_free(uint64_t *root);

/* The same pages in a new space, shared until one of both writes; NULL without memory. */
uint64_t *space_fork(uint64_t *root, uint64_t asid);
/* Gives back all pages of the user: the space is as new. */
void space_clear(uint64_t *root, uint64_t asid);

/* Serves a page fault; false if the access is not allowed. */
bool space_fault(uint64_t *root, uint64_t asid, uint64_t address, enum space_access access);

/* Copies between kernel and user; false if the user may not access all of it. The kernel goes by the page table and
 * the frames, so that it never needs to touch a user address. */
bool space_copy_in(uint64_t *root, uint64_t asid, void *to, uint64_t from, uint64_t length);
bool space_copy_out(uint64_t *root, uint64_t asid, uint64_t to, const void *from, uint64_t length);
