/* What all harts of a layer use: one at a time, in the order in which they came. Nobody holds it longer than an SBI call
 * takes, so that no guest keeps another waiting; and whoever has waited far longer than that goes on, for then the words
 * of this lock are not what the layer wrote. With one hart there is nobody to wait for. */
#pragma once
#include "harts.h"

#if HARTS == 1
static inline void exclusive_begin(void) {}
static inline void exclusive_end(void) {}
/* Returns from the function with what the call gives: nothing is left to do after it. */
#define RETURN_EXCLUSIVELY(call) return call
#else
void exclusive_begin(void);
void exclusive_end(void);
#define RETURN_EXCLUSIVELY(call)       \
  do {                                 \
    exclusive_begin();                 \
    __typeof__(call) result_ = (call); \
    exclusive_end();                   \
    return result_;                    \
  } while (0)
#endif
