/* Three programs on two pipes. For each batch of units the shell forks, and its children exec: the producer reads blocks
 * from the disk; the transformer enciphers them; the shell checks and deciphers what arrives, checks again, gives one
 * output word for each block, and waits for both. So an output word depends on the data having passed all three
 * processes, both pipes and the disk. */
#include "programs.h"

#include <stdbool.h>

#include "../common/fp.h"
#include "memory.h"
#include "user.h"

/* No calls of memcpy or memset: they are in the kernel. */
#pragma GCC optimize("no-tree-loop-distribute-patterns")

#define BATCH 4 /* units of one pipeline, so that its three processes compete for the hart */
#define BLOCKS_KEPT 64 /* in the file on the disk, the latest of each place */
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
USER_CONST static const char blocks_name[] = "blocks";
USER_CONST static const char greeting_name[] = "greeting";
USER_CONST static const char disk_text[] = "unix: the disk lost a block\n";
USER_CONST static const char status_text[] = "unix: a child failed\n";
USER_CONST static const char fork_text[] = "unix: no process to fork\n";
USER_CONST static const char done_text[] = "unix: shell checked all units\n";

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

_Noreturn USER_INLINE void fail(const char *text, uint64_t bytes) {
  user_write(FD_CONSOLE, text, bytes);
  user_exit(1);
}
#define give_up(text) fail(text, sizeof text - 1)

/* A whole message, or the end of the program. */
USER static void receive(struct message *message) {
  for (uint64_t got = 0; got < sizeof *message;) {
    int64_t bytes = user_read(FD_INPUT, (char *)message + got, sizeof *message - got);
    if (bytes <= 0) give_up(ended_text);
    got += (uint64_t)bytes;
  }
}

USER static uint64_t fp_seed(void) { return FP_SEED + 256 * (uint64_t)user_getpid(); }

USER static void check_fp(uint64_t seed) {
  if (!fp_holds(seed)) give_up(fp_text);
}

/* Where there is a disk, a block goes to it and comes back. */
USER static bool through_disk(int64_t file, uint64_t unit, uint64_t *words) {
  if (file < 0) return true;
  uint64_t fd = (uint64_t)file, position = unit % BLOCKS_KEPT * WORK_BYTES;
  user_seek(fd, position);
  if (user_write(fd, words, WORK_BYTES) < 0) return false;
  user_seek(fd, position);
  return user_read(fd, words, WORK_BYTES) == WORK_BYTES;
}

USER void producer(uint64_t first, uint64_t count) {
  struct message *message = &STATE->message;
  uint64_t seed = fp_seed();
  fp_fill(seed);
  int64_t file = user_open(blocks_name, sizeof blocks_name - 1, 1);
  for (uint64_t unit = first; unit < first + count; unit++) {
    if (user_work(unit, message->words) < 0) user_exit(1);
    if (!through_disk(file, unit, message->words)) give_up(disk_text);
    message->unit = unit;
    message->plain_sum = message->sum = sum(message->words);
    if (user_write(FD_OUTPUT, message, sizeof *message) < 0) user_exit(1);
    check_fp(seed);
  }
  user_exit(0);
}

USER void transformer(uint64_t first, uint64_t count) {
  struct message *message = &STATE->message;
  uint64_t seed = fp_seed();
  fp_fill(seed);
  fill_box(STATE->box);
  for (uint64_t unit = first; unit < first + count; unit++) {
    receive(message);
    if (message->unit != unit || sum(message->words) != message->sum) say(damaged_text);
    for (uint32_t i = 0; i < WORK_WORDS; i++) message->words[i] = encipher(STATE->box, message->words[i] + unit);
    message->sum = sum(message->words);
    if (user_write(FD_OUTPUT, message, sizeof *message) < 0) user_exit(1);
    check_fp(seed);
  }
  user_exit(0);
}

/* A child that reads and writes these, and has no other file but the console. */
USER static void start(enum program program, const uint64_t fds[2], uint64_t first, uint64_t count, uint64_t seed) {
  int64_t pid = user_fork();
  if (pid > 0) return;
  if (pid < 0) give_up(fork_text);
  check_fp(seed); /* a child has its parent's registers */
  if (fds[0] == NO_FD) user_close(FD_INPUT);
  else user_dup(fds[0], FD_INPUT);
  user_dup(fds[1], FD_OUTPUT);
  for (uint64_t fd = FD_CONSOLE + 1; fd < FDS; fd++) user_close(fd);
  user_exec(program, first, count);
  user_exit(1);
}

USER static void start_pipeline(uint64_t first, uint64_t count, uint64_t seed) {
  uint64_t enciphered[2], raw[2];
  user_pipe(enciphered); /* the first fds that are free: FD_INPUT and FD_OUTPUT */
  user_pipe(raw);
  uint64_t of_producer[2] = {NO_FD, raw[1]}, of_transformer[2] = {raw[0], enciphered[1]};
  start(PROGRAM_PRODUCER, of_producer, first, count, seed);
  start(PROGRAM_TRANSFORMER, of_transformer, first, count, seed);
  user_close(enciphered[1]);
  user_close(raw[0]);
  user_close(raw[1]);
}

USER static void end_pipeline(void) {
  int64_t status;
  user_close(FD_INPUT);
  while (user_wait(&status) >= 0)
    if (status != 0) give_up(status_text);
}

/* Takes a unit from the end of the line; the result is the sum of all until now. */
USER static uint64_t check_unit(struct message *message, uint64_t unit, uint64_t digest) {
  receive(message);
  bool good = message->unit == unit && sum(message->words) == message->sum;
  digest = digest * 0x10dcd + message->sum;
  for (uint32_t i = 0; i < WORK_WORDS; i++) message->words[i] = decipher(STATE->box, message->words[i]) - unit;
  good = good && sum(message->words) == message->plain_sum;
  if (!good) say(damaged_text);
  return digest;
}

/* What the disk has to say. */
USER static void greet(void) {
  char text[64];
  int64_t file = user_open(greeting_name, sizeof greeting_name - 1, 0);
  if (file < 0) return;
  int64_t bytes = user_read((uint64_t)file, text, sizeof text);
  if (bytes > 0) user_write(FD_CONSOLE, text, (uint64_t)bytes);
  user_close((uint64_t)file);
}

USER void shell(uint64_t units, uint64_t pace) {
  struct message *message = &STATE->message;
  uint64_t seed = fp_seed(), digest = 0;
  fp_fill(seed);
  fill_box(STATE->box);
  greet();
  for (uint64_t first = 0; first < units; first += BATCH) {
    uint64_t count = units - first < BATCH ? units - first : BATCH;
    if (first > 0 && pace > 0) user_sleep(BATCH * pace);
    start_pipeline(first, count, seed);
    for (uint64_t unit = first; unit < first + count; unit++) {
      digest = check_unit(message, unit, digest);
      check_fp(seed);
      user_output(unit, digest ^ message->plain_sum);
    }
    end_pipeline();
  }
  say(done_text);
  user_exit(0);
}
