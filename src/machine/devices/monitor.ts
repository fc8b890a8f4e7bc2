/** Registers of a monitor page, 64 bits each. */
export const MONITOR = {
  MAGIC: 0x00,
  GUEST: 0x08,
  HEARTBEAT: 0x10,
  OUTPUT: 0x18,
  PHASE: 0x20,
  DEADLINE: 0x28,
  SENSOR_INDEX: 0x30,
  SENSOR: 0x38,
  BUG: 0x40,
  TARGET: 0x48,
  VALUE: 0x50,
  WORK: 0x58,
  END: 0x60,
  REPORT: 0x68,
  CRASH: 0x70,
  ARG: 0x80,
} as const;

/** What MAGIC reads: "taco". */
export const MONITOR_MAGIC = 0x6f636174;
