// Loops, calls, pointers.
#include "programs.h"

// There are 23000 primes below 2^18.
int sieve(void) {
  enum { LIMIT = 1 << 18, PRIMES = 23000 };
  for (uint32_t i = 0; i < LIMIT; i++) arena[i] = 1;
  for (uint32_t i = 2; i * i < LIMIT; i++) {
    if (!arena[i]) continue;
    for (uint32_t j = i * i; j < LIMIT; j += i) arena[j] = 0;
  }
  uint32_t count = 0;
  for (uint32_t i = 2; i < LIMIT; i++) count += arena[i];
  return count != PRIMES;
}

// Each step is a call: the optimiser must not unfold the recursion.
static __attribute__((noinline, optimize("no-optimize-sibling-calls", "no-inline"))) uint64_t fibonacci(uint64_t n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

int fib(void) { return fibonacci(22) != 17711; }

struct node {
  struct node *next;
  uint64_t value;
};

// A ring of nodes in an order that no stride describes, walked many times.
int list(void) {
  enum { NODES = 1 << 11, WALKS = 100 };
  struct node *nodes = (struct node *)arena;
  uint32_t at = 0;
  for (uint32_t i = 0; i < NODES; i++) {
    // A full-period generator visits every node once.
    uint32_t next = (at * 1229 + 577) % NODES;
    nodes[at].next = &nodes[next];
    nodes[at].value = i;
    at = next;
  }
  uint64_t sum = 0;
  struct node *node = nodes;
  for (uint32_t i = 0; i < NODES * WALKS; i++) {
    sum += node->value;
    node = node->next;
  }
  return sum != (uint64_t)WALKS * NODES * (NODES - 1) / 2;
}
