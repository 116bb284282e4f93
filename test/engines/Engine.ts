/** What the suite needs of a browser; each driver speaks another protocol, and none decides anything. */
export interface Engine {
  name: 'chromium' | 'firefox' | 'webkit'
  version: string
  /** Opens an address in a tab of its own and resolves when its `load` event has fired. */
  open(url: string): Promise<Tab>
  close(): Promise<void>
}

export interface Tab {
  goto(url: string): Promise<void>
  back(): Promise<void>
  /** The value of an expression in the page, awaited; it must be JSON. */
  evaluate<T>(expression: string): Promise<T>
  close(): Promise<void>
}
