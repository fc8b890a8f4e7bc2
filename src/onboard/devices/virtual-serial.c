#include "virtual-serial.h"
#include "platform.h"

#define FIFO_BYTES 16

enum reg { DATA, IER, IIR_FCR, LCR, MCR, LSR, MSR, SCRATCH, REGISTERS };
enum { IER_RECEIVED = 0x01, IER_THR_EMPTY = 0x02, IER_LINE_STATUS = 0x04, IER_MODEM_STATUS = 0x08, IER_BITS = 0x0f };
enum {
  IIR_MODEM_STATUS = 0x00,
  IIR_NONE = 0x01,
  IIR_THR_EMPTY = 0x02,
  IIR_RECEIVED = 0x04,
  IIR_LINE_STATUS = 0x06,
  IIR_TIMEOUT = 0x0c,
  IIR_FIFO_ENABLED = 0xc0,
};
enum { FCR_ENABLE = 0x01, FCR_RESET_RECEIVER = 0x02, FCR_RESET_SENDER = 0x04, FCR_STICKY = 0xc9, FCR_LEVEL_SHIFT = 6 };
enum { LCR_DIVISOR_ACCESS = 0x80 };
enum { MCR_DTR = 0x01, MCR_RTS = 0x02, MCR_OUT1 = 0x04, MCR_OUT2 = 0x08, MCR_LOOPBACK = 0x10, MCR_BITS = 0x1f };
enum { LSR_DATA_READY = 0x01, LSR_OVERRUN = 0x02, LSR_SENDER_EMPTY = 0x60 };
enum { MSR_CTS = 0x10, MSR_DSR = 0x20, MSR_RI = 0x40, MSR_DCD = 0x80, MSR_CHANGE_SHIFT = 4, MSR_RI_ENDED = 0x04 };

struct fifo {
  uint32_t first, count;
  uint8_t bytes[FIFO_BYTES];
};

/* Zeros, but for `peer`, are the state after power-on. */
struct port {
  uint32_t peer; /* whose is the other end */
  uint8_t ier, fcr, lcr, mcr, scratch, divisor[2];
  uint8_t lines, changes; /* upper half of MSR, and its lower half since it was read */
  bool overrun;
  bool thr_announced; /* the THR-empty interrupt has been read, or is not due */
  struct fifo received, sent;
};

static struct port ports[MAX_GUESTS];

static bool push(struct fifo *fifo, uint32_t room, uint8_t byte)
{
  if (fifo->count >= room)
    return false;
  fifo->bytes[(fifo->first + fifo->count++) % FIFO_BYTES] = byte;
  return true;
}

static uint8_t shift(struct fifo *fifo)
{
  if (fifo->count == 0)
    return 0;
  uint8_t byte = fifo->bytes[fifo->first];
  fifo->first = (fifo->first + 1) % FIFO_BYTES;
  fifo->count--;
  return byte;
}

/* Without FIFOs there is room for one byte. */
static uint32_t room(const struct port *port) { return port->fcr & FCR_ENABLE ? FIFO_BYTES : 1; }

static bool looped(const struct port *port) { return port->mcr & MCR_LOOPBACK; }

/* IIR without the FIFO bits: the enabled interrupt of highest priority. The line is so fast that there is never more to
 * wait for, so fewer bytes than the trigger level are a timeout at once. */
static uint8_t interrupt(const struct port *port)
{
  static const uint8_t levels[] = {1, 4, 8, 14};
  if (port->ier & IER_LINE_STATUS && port->overrun)
    return IIR_LINE_STATUS;
  if (port->ier & IER_RECEIVED && port->received.count) {
    bool few = port->fcr & FCR_ENABLE && port->received.count < levels[port->fcr >> FCR_LEVEL_SHIFT];
    return few ? IIR_TIMEOUT : IIR_RECEIVED;
  }
  if (port->ier & IER_THR_EMPTY && !port->thr_announced && port->sent.count == 0)
    return IIR_THR_EMPTY;
  return port->ier & IER_MODEM_STATUS && port->changes ? IIR_MODEM_STATUS : IIR_NONE;
}

static void update(uint32_t guest) { device_set_line(guest, VIRTUAL_SERIAL, interrupt(&ports[guest]) != IIR_NONE); }

/* The state of the lines that come from the peer, or in loopback from the port itself. */
static void update_lines(uint32_t guest)
{
  struct port *port = &ports[guest];
  uint8_t from = looped(port) || looped(&ports[port->peer]) ? 0 : ports[port->peer].mcr;
  uint8_t lines = (from & MCR_DTR ? MSR_DSR | MSR_DCD : 0) | (from & MCR_RTS ? MSR_CTS : 0);
  if (looped(port))
    lines = (port->mcr & MCR_DTR ? MSR_DSR : 0) | (port->mcr & MCR_RTS ? MSR_CTS : 0) |
            (port->mcr & MCR_OUT1 ? MSR_RI : 0) | (port->mcr & MCR_OUT2 ? MSR_DCD : 0);
  uint8_t changed = (lines ^ port->lines) >> MSR_CHANGE_SHIFT;
  if (lines & MSR_RI)
    changed &= ~MSR_RI_ENDED; /* of this line the end counts */
  port->changes |= changed;
  port->lines = lines;
}

/* What waits in a guest's sender goes as far as there is room, or nowhere where nobody is. */
static void flow(uint32_t guest)
{
  struct port *from = &ports[guest], *to = &ports[from->peer];
  bool there = to->mcr & MCR_DTR && !looped(to);
  if (from->sent.count == 0)
    return;
  while (from->sent.count && (!there || to->received.count < room(to))) {
    uint8_t byte = shift(&from->sent);
    if (there)
      push(&to->received, room(to), byte);
  }
  if (from->sent.count == 0)
    from->thr_announced = false;
}

static void send(uint32_t guest, uint8_t byte)
{
  struct port *port = &ports[guest], *to = looped(port) ? port : &ports[port->peer];
  port->thr_announced = false;
  if (looped(port)) {
    port->overrun |= !push(&port->received, room(port), byte);
    return;
  }
  if (!push(&port->sent, room(port), byte))
    to->overrun = true;
  flow(guest);
}

/* A port has more room, another line, or another FIFO: both ends may see it. */
static void settle(uint32_t guest)
{
  uint32_t peer = ports[guest].peer;
  flow(guest);
  flow(peer);
  update(guest);
  update(peer);
}

static void write_fifo_control(struct port *port, uint8_t value)
{
  bool switched = (value ^ port->fcr) & FCR_ENABLE;
  if (switched || value & FCR_RESET_RECEIVER)
    port->received.count = 0;
  if (switched || value & FCR_RESET_SENDER) {
    port->sent.count = 0;
    port->thr_announced = false;
  }
  port->fcr = value & FCR_STICKY;
}

static void write_register(uint32_t guest, enum reg offset, uint8_t value)
{
  struct port *port = &ports[guest];
  bool divisor = port->lcr & LCR_DIVISOR_ACCESS;
  switch (offset) {
  case DATA:
    if (divisor)
      port->divisor[0] = value;
    else
      send(guest, value);
    break;
  case IER:
    if (divisor) {
      port->divisor[1] = value;
      break;
    }
    if ((value ^ port->ier) & IER_THR_EMPTY) /* enabling it while THR is empty raises it anew */
      port->thr_announced = !(value & IER_THR_EMPTY);
    port->ier = value & IER_BITS;
    break;
  case IIR_FCR: write_fifo_control(port, value); break;
  case LCR: port->lcr = value; break;
  case MCR:
    port->mcr = value & MCR_BITS;
    update_lines(guest);
    update_lines(port->peer);
    break;
  case SCRATCH: port->scratch = value; break;
  default: break; /* LSR and MSR are read-only */
  }
}

static uint8_t read_register(struct port *port, enum reg offset)
{
  bool divisor = port->lcr & LCR_DIVISOR_ACCESS;
  uint8_t value;
  switch (offset) {
  case DATA: return divisor ? port->divisor[0] : shift(&port->received);
  case IER: return divisor ? port->divisor[1] : port->ier;
  case IIR_FCR:
    value = interrupt(port);
    port->thr_announced |= value == IIR_THR_EMPTY;
    return value | (port->fcr & FCR_ENABLE ? IIR_FIFO_ENABLED : 0);
  case LCR: return port->lcr;
  case MCR: return port->mcr;
  case LSR:
    value = (port->sent.count ? 0 : LSR_SENDER_EMPTY) | (port->received.count ? LSR_DATA_READY : 0) |
            (port->overrun ? LSR_OVERRUN : 0);
    port->overrun = false;
    return value;
  case MSR:
    value = port->lines | port->changes;
    port->changes = 0;
    return value;
  default: return port->scratch;
  }
}

/* Whatever its width, an access is of the one register at its offset, as on the board. */
enum access_result serial_access(uint32_t guest, struct device_access *access)
{
  if (access->offset >= REGISTERS)
    return ACCESS_REFUSED;
  if (access->store)
    write_register(guest, (enum reg)access->offset, (uint8_t)access->value);
  else
    access->value = read_register(&ports[guest], (enum reg)access->offset);
  settle(guest);
  return ACCESS_DONE;
}

/* Nothing is on its way from the guest or to it any more. */
void serial_reset(uint32_t guest)
{
  uint32_t peer = ports[guest].peer;
  ports[guest] = (struct port){.peer = peer};
  update_lines(guest);
  update_lines(peer);
  ports[guest].changes = 0;
  settle(guest);
}

/* The two guests of the service; the configuration names neither more nor fewer. */
void serial_start(const struct config *config, const struct service_config *service)
{
  uint32_t ends[2] = {0, 0}, count = 0;
  for (uint32_t guest = 0; guest < config->guest_count; guest++)
    if (service->guests >> guest & 1 && count < 2)
      ends[count++] = guest;
  for (uint32_t i = 0; i < count; i++)
    ports[ends[i]].peer = ends[count - 1 - i];
}
