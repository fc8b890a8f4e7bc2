/* Three programs on two pipes. The producer reads blocks from the disk; the transformer enciphers them; the consumer
 * checks and deciphers what arrives, checks again, and gives one output word for each block. So an output word depends
 * on the data having passed all three processes, both pipes and the disk. */
#include "programs.h"

#include <stdbool.h>

#include "../common/fp.h"
#include "memory.h"
#include "user.h"

/* No calls of memcpy or memset: they are in the kernel. */
#pragma GCC optimize("no-tree-loop-distribute-patterns")

#define BATCH 4 /* units that are released together, so that the three programs compete for the hart */
#define ROUNDS 4
#define BOX_WORDS 256
#define FP_SEED 0xf1000000 /* plus 256 times the pid */

struct message {
  uint64_t unit;
  uint64_t plain_sum, sum; /* of the block as the disk gave it, and as it is now */
  uint64_t words[WORK_WORDS];
};

/* What a program keeps, at the start of its heap. */
struct state {
  struct message message;
  uint32_t box[BOX_WORDS];
};
#define STATE ((struct state *)USER_HEAP)

USER_CONST static const char damaged_text[] = "unix: a unit arrived damaged\n";
USER_CONST static const char ended_text[] = "unix: input ended early\n";
USER_CONST static const char fp_text[] = "unix: FP registers lost\n";
USER_CONST static const char done_text[] = "unix: consumer checked all units\n";

#define say(text) user_write(FD_CONSOLE, text, sizeof text - 1)

USER static uint64_t sum(const uint64_t *words) {
  uint64_t sum = WORK_WORDS;
  for (uint32_t i = 0; i < WORK_WORDS; i++) sum = (sum ^ words[i]) * 0x1000193 + (sum >> 47);
  return sum;
}

USER static void fill_box(uint32_t *box) {
  uint32_t x = 0x2545f491;
  for (uint32_t i = 0; i < BOX_WORDS; i++) {
    x ^= x << 13, x ^= x >> 17, x ^= x << 5;
    box[i] = x;
  }
}

/* A Feistel network: its inverse is itself with the rounds in the other order. */
USER static uint64_t encipher(const uint32_t *box, uint64_t word) {
  uint32_t left = (uint32_t)(word >> 32), right = (uint32_t)word;
  for (uint32_t round = 0; round < ROUNDS; round++) {
    uint32_t next = left ^ (box[right & 255] + (right >> 3) + round);
    left = right;
    right = next;
  }
  return (uint64_t)left << 32 | right;
}

USER static uint64_t decipher(const uint32_t *box, uint64_t word) {
  uint32_t left = (uint32_t)(word >> 32), right = (uint32_t)word;
  for (uint32_t round = ROUNDS; round-- > 0;) {
    uint32_t before = right ^ (box[left & 255] + (left >> 3) + round);
    right = left;
    left = before;
  }
  return (uint64_t)left << 32 | right;
}

/* A whole message, or the end of the program. */
USER static void receive(struct message *message) {
  for (uint64_t got = 0; got < sizeof *message;) {
    int64_t bytes = user_read(FD_INPUT, (char *)message + got, sizeof *message - got);
    if (bytes <= 0) {
      say(ended_text);
      user_exit();
    }
    got += (uint64_t)bytes;
  }
}

USER static void check_fp(uint64_t seed) {
  if (fp_holds(seed)) return;
  say(fp_text);
  user_exit();
}

USER void producer(uint64_t units, uint64_t pace) {
  struct message *message = &STATE->message;
  uint64_t seed = FP_SEED + 256 * (uint64_t)user_getpid();
  fp_fill(seed);
  for (uint64_t unit = 0; unit < units; unit++) {
    if (unit > 0 && unit % BATCH == 0 && pace > 0) user_sleep(BATCH * pace);
    if (user_work(unit, message->words) < 0) break;
    message->unit = unit;
    message->plain_sum = message->sum = sum(message->words);
    if (user_write(FD_OUTPUT, message, sizeof *message) < 0) break;
    check_fp(seed);
  }
  user_exit();
}

USER void transformer(uint64_t units, uint64_t pace) {
  (void)pace;
  struct message *message = &STATE->message;
  uint64_t seed = FP_SEED + 256 * (uint64_t)user_getpid();
  fp_fill(seed);
  fill_box(STATE->box);
  for (uint64_t unit = 0; unit < units; unit++) {
    receive(message);
    if (message->unit != unit || sum(message->words) != message->sum) say(damaged_text);
    for (uint32_t i = 0; i < WORK_WORDS; i++) message->words[i] = encipher(STATE->box, message->words[i] + unit);
    message->sum = sum(message->words);
    if (user_write(FD_OUTPUT, message, sizeof *message) < 0) break;
    check_fp(seed);
  }
  user_exit();
}

/* The first process: it starts the others and waits at the end of the line. */
USER void consumer(uint64_t units, uint64_t pace) {
  (void)pace;
  uint64_t enciphered[2], raw[2];
  user_pipe(enciphered); /* the first fds of a new process: FD_INPUT and FD_OUTPUT */
  user_pipe(raw);
  user_spawn(PROGRAM_PRODUCER, NO_FD, raw[1]);
  user_spawn(PROGRAM_TRANSFORMER, raw[0], enciphered[1]);
  user_close(enciphered[1]);
  user_close(raw[0]);
  user_close(raw[1]);

  struct message *message = &STATE->message;
  uint64_t seed = FP_SEED + 256 * (uint64_t)user_getpid(), digest = 0;
  fp_fill(seed);
  fill_box(STATE->box);
  for (uint64_t unit = 0; unit < units; unit++) {
    receive(message);
    bool good = message->unit == unit && sum(message->words) == message->sum;
    digest = digest * 0x10dcd + message->sum;
    for (uint32_t i = 0; i < WORK_WORDS; i++) message->words[i] = decipher(STATE->box, message->words[i]) - unit;
    good = good && sum(message->words) == message->plain_sum;
    if (!good) say(damaged_text);
    check_fp(seed);
    user_output(unit, digest ^ message->plain_sum);
  }
  say(done_text);
  user_exit();
}
