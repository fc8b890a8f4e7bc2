// The little that the browser test uses of playwright-core. Declared here, so that the types hold before its package has
// been installed.

declare module 'playwright-core' {
  interface Locator {
    count(): Promise<number>;
    click(): Promise<void>;
    focus(): Promise<void>;
    isVisible(): Promise<boolean>;
    textContent(): Promise<string | null>;
    evaluateAll<T>(of: (elements: readonly { readonly id: string }[]) => T): Promise<T>;
  }

  interface Events {
    console: { type(): string; text(): string };
    pageerror: Error;
    request: { url(): string };
  }

  export interface Page {
    readonly keyboard: { press(key: string): Promise<void> };
    goto(url: string): Promise<unknown>;
    evaluate(expression: string): Promise<unknown>;
    locator(selector: string): Locator;
    on<K extends keyof Events>(event: K, listener: (event: Events[K]) => void): unknown;
    pdf(options: { readonly format: string }): Promise<Buffer>;
    screenshot(options: { readonly path: string; readonly fullPage: boolean }): Promise<Buffer>;
    setViewportSize(size: { readonly width: number; readonly height: number }): Promise<void>;
    waitForEvent(event: 'download'): Promise<{ suggestedFilename(): string }>;
  }

  export interface BrowserContext {
    newPage(): Promise<Page>;
    close(): Promise<void>;
  }

  export const chromium: {
    launchPersistentContext(
      profile: string,
      options: {
        readonly executablePath: string;
        readonly headless: boolean;
        readonly args: readonly string[];
        readonly acceptDownloads: boolean;
      },
    ): Promise<BrowserContext>;
  };
}
