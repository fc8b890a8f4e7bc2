import { Worker } from 'node:worker_threads';

/** What a worker says of the core it was given. */
export type Told =
  | { readonly kind: 'case'; readonly name: string }
  | { readonly kind: 'judged'; readonly killedBy: string | null };

/** Far more than any case takes on a busy host. */
const HANGS_MILLISECONDS = 60_000;

/** A thread that judges cores, replaced where one of them hangs. */
export class JudgeThread {
  private readonly patience: number;
  private worker: Worker | undefined;

  constructor(patience = HANGS_MILLISECONDS) {
    this.patience = patience;
  }

  /** The case that killed it, null where all passed. */
  judge(core: WebAssembly.Module): Promise<string | null> {
    const worker = this.worker ?? new Worker(new URL('./worker.ts', import.meta.url));
    this.worker = worker;
    return new Promise((resolve, reject) => {
      let running = 'its start';
      const settle = () => {
        clearTimeout(timer);
        worker.off('message', onMessage);
        worker.off('error', onError);
      };
      const onMessage = (told: Told) => {
        timer.refresh();
        if (told.kind === 'case') {
          running = told.name;
          return;
        }
        settle();
        resolve(told.killedBy);
      };
      const onError = (error: unknown) => {
        settle();
        this.worker = undefined;
        reject(error instanceof Error ? error : new Error(String(error)));
      };
      const timer = setTimeout(() => {
        settle();
        this.close().then(() => resolve(`${running} (it never came back)`), reject);
      }, this.patience);
      worker.on('message', onMessage);
      worker.on('error', onError);
      worker.postMessage(core);
    });
  }

  async close(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    await worker?.terminate();
  }
}
