// The debugger's door: one TCP connection from this computer at a time, its bytes handed to a session.

import { createServer, type Socket } from 'node:net';
import { type DebuggedMachine, MachineTarget } from '../gdb/machine-target.ts';
import { Session } from '../gdb/session.ts';
import type { Progress } from '../gdb/target.ts';
import { UsageError } from './errors.ts';
import type { Host } from './host.ts';

/** Whoever reaches the port reads and writes the whole machine: nobody from outside does. */
const LOOPBACK = '127.0.0.1';

export interface Debuggee {
  readonly machine: DebuggedMachine;
  /** Lets it run for a bounded time. */
  readonly run: () => Progress;
  readonly nameOf: (world: number) => string;
  /** What stands before the debugger, in words. */
  readonly title: string;
  /** Commands that tell GDB the symbols. */
  readonly symbols: readonly string[];
}

export type Ending = 'detached' | 'killed' | 'over';

function listenProblem(error: NodeJS.ErrnoException, port: number): UsageError {
  const what = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${error.code})`;
  return new UsageError('taco --gdb:', `port ${port} ${what}`, 'give another one, or 0 for any that is free');
}

/** Serves one session; a connection that breaks off counts as detached. */
function serveSession(socket: Socket, debuggee: Debuggee): Promise<Ending> {
  const session = new Session(new MachineTarget(debuggee.machine, debuggee.run, debuggee.nameOf));
  return new Promise((resolve, reject) => {
    let pumping = false;
    const end = (how: Ending): void => {
      session.leave();
      socket.end();
      // A peer that does not answer must not keep the process.
      socket.unref();
      resolve(how);
    };
    const attempt = (work: () => string): void => {
      try {
        const reply = work();
        if (reply !== '') socket.write(reply, 'latin1');
      } catch (error) {
        socket.destroy();
        reject(error);
      }
    };
    // Between slices the event loop turns, so that an interrupt is heard.
    const pump = (): void => {
      pumping = false;
      attempt(() => session.advance());
      follow();
    };
    const follow = (): void => {
      const { state } = session;
      if (state === 'running') {
        if (!pumping) setImmediate(pump);
        pumping = true;
      } else if (state !== 'stopped') end(state);
    };
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      attempt(() => session.receive(bytes.toString('latin1')));
      follow();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (session.state === 'running' || session.state === 'stopped') {
        session.state = 'detached';
        end('detached');
      }
    });
  });
}

/** Waits for a debugger and serves it until it leaves or the run is over. */
export function serveDebugger(host: Host, port: number, debuggee: Debuggee): Promise<Ending> {
  return new Promise((resolve, reject) => {
    let taken = false;
    const server = createServer((socket) => {
      if (taken) {
        socket.destroy();
        return;
      }
      taken = true;
      serveSession(socket, debuggee)
        .finally(() => server.close())
        .then(resolve, reject);
    });
    server.on('error', (error) => reject(listenProblem(error, port)));
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      const chosen = typeof address === 'object' && address !== null ? address.port : port;
      const commands = [`target remote ${LOOPBACK}:${chosen}`, ...debuggee.symbols];
      host.err(`${debuggee.title}: waiting for a debugger\n`);
      host.err(`  gdb-multiarch ${commands.map((command) => `-ex '${command}'`).join(' ')}\n`);
    });
  });
}
