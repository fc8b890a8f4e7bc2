// Double precision: products of matrices, and bodies that attract each other.
#include "programs.h"

// Small whole numbers, so that integer arithmetic tells each element exactly.
int matmul(void) {
  enum { N = 64 };
  double(*a)[N] = (double(*)[N])arena;
  double(*b)[N] = a + N;
  double(*c)[N] = b + N;
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++) {
      a[i][j] = i + 2 * j;
      b[i][j] = 3 * i - j;
    }
  }
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++) {
      double sum = 0;
      for (int k = 0; k < N; k++) sum += a[i][k] * b[k][j];
      c[i][j] = sum;
    }
  }
  // The trace: sum of (i + 2 k)(3 k - i).
  int64_t trace = 0;
  double found = 0;
  for (int i = 0; i < N; i++) {
    found += c[i][i];
    for (int k = 0; k < N; k++) trace += (int64_t)(i + 2 * k) * (3 * k - i);
  }
  return found != (double)trace;
}

enum { BODIES = 4, STEPS = 2000 };

struct body {
  double at[3], speed[3], mass;
};

static double energy(const struct body *bodies) {
  double sum = 0;
  for (int i = 0; i < BODIES; i++) {
    for (int d = 0; d < 3; d++) sum += bodies[i].mass * bodies[i].speed[d] * bodies[i].speed[d] / 2;
    for (int j = i + 1; j < BODIES; j++) {
      double square = 0;
      for (int d = 0; d < 3; d++) {
        double gap = bodies[i].at[d] - bodies[j].at[d];
        square += gap * gap;
      }
      sum -= bodies[i].mass * bodies[j].mass / __builtin_sqrt(square);
    }
  }
  return sum;
}

// A sun and three planets on circles; symplectic steps keep the energy to a thousandth.
int orbits(void) {
  const double step = 1.0 / 128;
  struct body *bodies = (struct body *)arena;
  for (int i = 0; i < BODIES; i++) {
    for (int d = 0; d < 3; d++) bodies[i].at[d] = bodies[i].speed[d] = 0;
    bodies[i].at[0] = i * 1.5;
    bodies[i].speed[1] = i == 0 ? 0 : __builtin_sqrt(1 / (i * 1.5));
    bodies[i].mass = i == 0 ? 1 : 1e-4;
  }
  double before = energy(bodies);
  for (int n = 0; n < STEPS; n++) {
    for (int i = 0; i < BODIES; i++) {
      for (int j = i + 1; j < BODIES; j++) {
        double gap[3], square = 0;
        for (int d = 0; d < 3; d++) {
          gap[d] = bodies[i].at[d] - bodies[j].at[d];
          square += gap[d] * gap[d];
        }
        double pull = step / (square * __builtin_sqrt(square));
        for (int d = 0; d < 3; d++) {
          bodies[i].speed[d] -= gap[d] * bodies[j].mass * pull;
          bodies[j].speed[d] += gap[d] * bodies[i].mass * pull;
        }
      }
    }
    for (int i = 0; i < BODIES; i++) {
      for (int d = 0; d < 3; d++) bodies[i].at[d] += step * bodies[i].speed[d];
    }
  }
  double drift = (energy(bodies) - before) / before;
  return drift > 1e-3 || drift < -1e-3;
}
