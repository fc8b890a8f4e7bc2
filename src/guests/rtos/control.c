#include "control.h"

#include "../common/dma.h"
#include "../common/monitor.h"
#include "../common/panic.h"
#include "task.h"

#define WORK __attribute__((section(".work")))

#define SENSORS 4
#define SAMPLES 64
#define TAPS 16
#define STATES 4

/* Fixed point, 16 fraction bits. */
typedef int32_t q16;
#define Q16_ONE 65536
#define Q16_LIMIT (1000 * Q16_ONE)

struct controller {
  q16 history[TAPS - 1]; /* the last samples of the job before */
  q16 state[STATES];     /* of the observer */
  q16 integral, error, command;
};

WORK static q16 sample_block[SAMPLES]; /* what the sensors gave */
WORK static q16 copied_block[SAMPLES]; /* what the DMA channel made of it */
WORK static struct controller controller;

static struct semaphore dma_completion;

/* A low pass; the taps sum to Q16_ONE. */
static const q16 taps[TAPS] = {328,  655,  1638, 2949, 4588, 6226, 7537, 8847,
                               8847, 7537, 6226, 4588, 2949, 1638, 655,  328};

/* Observer: state' = plant state + input command + gain (measured - state). */
static const q16 plant[STATES][STATES] = {
    {60000, 4000, -900, 0}, {-3000, 61000, 2500, 300}, {700, -2000, 62000, 1500}, {0, 250, -1700, 63000}};
static const q16 input[STATES] = {900, 400, -300, 150};
static const q16 gain[STATES] = {9000, 7000, 5000, 3000};

static q16 multiply(q16 a, q16 b) { return (q16)(((int64_t)a * b) >> 16); }

static q16 limited(int64_t value) {
  if (value > Q16_LIMIT) return Q16_LIMIT;
  if (value < -Q16_LIMIT) return -Q16_LIMIT;
  return (q16)value;
}

/* Sixteen values of each sensor word of 32 bits, as samples between -1 and 1. */
static void read_sensors(uint64_t index) {
  for (uint32_t sensor = 0; sensor < SENSORS; sensor++) {
    uint32_t word = (uint32_t)monitor_sensor(index * SENSORS + sensor);
    for (uint32_t i = 0; i < SAMPLES / SENSORS; i++) {
      sample_block[sensor * (SAMPLES / SENSORS) + i] = (q16)(uint16_t)word * 2 - Q16_ONE;
      word = word >> 5 | word << 27;
    }
  }
}

static void copy_samples(void) {
  if (dma_start(copied_block, sample_block, sizeof copied_block)) semaphore_take(&dma_completion);
  if (dma_failed()) panic("the samples were not copied");
}

void control_dma_done(void) { semaphore_give(&dma_completion); }

/* Filters the block and leaves the mean of each quarter in `measured`. */
static void filter(q16 measured[STATES]) {
  q16 window[TAPS - 1 + SAMPLES];
  for (uint32_t i = 0; i < TAPS - 1; i++) window[i] = controller.history[i];
  for (uint32_t i = 0; i < SAMPLES; i++) window[TAPS - 1 + i] = copied_block[i];

  for (uint32_t quarter = 0; quarter < STATES; quarter++) {
    int64_t sum = 0;
    for (uint32_t i = 0; i < SAMPLES / STATES; i++)
      for (uint32_t tap = 0; tap < TAPS; tap++)
        sum += (int64_t)taps[tap] * window[quarter * (SAMPLES / STATES) + i + tap];
    measured[quarter] = limited((sum >> 16) / (SAMPLES / STATES));
  }
  for (uint32_t i = 0; i < TAPS - 1; i++) controller.history[i] = window[SAMPLES + i];
}

static void observe(const q16 measured[STATES]) {
  q16 next[STATES];
  for (uint32_t row = 0; row < STATES; row++) {
    int64_t sum = multiply(input[row], controller.command);
    for (uint32_t column = 0; column < STATES; column++) sum += multiply(plant[row][column], controller.state[column]);
    next[row] = limited(sum + multiply(gain[row], measured[row] - controller.state[row]));
  }
  for (uint32_t row = 0; row < STATES; row++) controller.state[row] = next[row];
}

/* Proportional, integral, derivative: the set point is 0. */
static void command(void) {
  q16 error = -controller.state[0];
  controller.integral = limited((int64_t)controller.integral + error / 64);
  controller.command = limited((int64_t)error * 3 / 2 + controller.integral + (error - controller.error) / 4);
  controller.error = error;
}

uint64_t control_job(uint64_t index) {
  q16 measured[STATES];
  read_sensors(index);
  copy_samples();
  filter(measured);
  observe(measured);
  command();
  uint32_t mix = 0;
  for (uint32_t i = 0; i < STATES; i++) mix = mix * 31 + (uint32_t)controller.state[i];
  return (uint64_t)(uint32_t)controller.command << 32 | mix;
}
