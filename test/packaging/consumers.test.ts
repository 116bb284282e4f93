import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, inject, it } from 'vitest'
import { findNode } from '../runtimes/runtimes'

const run = promisify(execFile)
const consumer = inject('consumer')
const root = fileURLToPath(new URL('../../', import.meta.url))

const write = (file: string, content: string) => {
  writeFileSync(join(consumer, file), content)
  return join(consumer, file)
}
/** The methods of the snippet and of its double, and how an identify ends where there is no page. */
const useSnippet = `
  const methods = ['init', 'identify', 'reset', 'consent', 'flush', 'createClient']
  const before = Object.getOwnPropertyNames(globalThis).join()
  const say = async (snippet, attributes, testing) => {
    snippet.init({ endpoint: '/identify', debug: false })
    snippet.consent(true)
    snippet.reset()
    await snippet.flush()
    const result = await snippet.identify({ email: 'myemail@example.org' })
    const double = await testing.createTestClient().identify({ email: 'myemail@example.org' })
    const parsed = attributes.parseAttributes({ email: ' myemail@example.org ' })
    console.log(JSON.stringify({
      methods: methods.filter((name) => typeof snippet[name] === 'function' && typeof testing[name] === 'function'),
      result: result.reason,
      double: double.status,
      email: parsed.attributes.email,
      globals: Object.getOwnPropertyNames(globalThis).join() === before,
    }))
  }
`
const said = {
  methods: ['init', 'identify', 'reset', 'consent', 'flush', 'createClient'],
  result: 'unavailable',
  double: 'accepted',
  email: 'myemail@example.org',
  globals: true,
}

describe.each([20, 22, 24] as const)('Node %i', (major) => {
  it('imports the snippet, which does nothing there and lets the process end', async () => {
    const file = write(
      'esm.mjs',
      `import * as snippet from 'usercom-snippet'
       import * as attributes from 'usercom-snippet/attributes'
       import * as testing from 'usercom-snippet/testing'
       ${useSnippet}
       await say(snippet, attributes, testing)`,
    )
    const { stdout, stderr } = await run(findNode(major), [file])
    expect([JSON.parse(stdout), stderr]).toEqual([said, ''])
  })

  it('requires the snippet', async () => {
    const file = write(
      'commonjs.cjs',
      `${useSnippet}
       say(require('usercom-snippet'), require('usercom-snippet/attributes'), require('usercom-snippet/testing'))`,
    )
    const { stdout, stderr } = await run(findNode(major), [file])
    expect([JSON.parse(stdout), stderr]).toEqual([said, ''])
  })

  it('finds the files for script tags', async () => {
    const file = write(
      'files.cjs',
      `console.log(['usercom.umd.js', 'stub.js'].every((name) => require.resolve('usercom-snippet/dist/' + name)))`,
    )
    expect((await run(findNode(major), [file])).stdout).toBe('true\n')
  })

  it('imports and requires the relay', async () => {
    const esm = write(
      'relay.mjs',
      `import { createRelay } from 'usercom-relay'
       import { serve, toNodeHandler } from 'usercom-relay/node'
       console.log(typeof createRelay, typeof serve, typeof toNodeHandler)`,
    )
    const commonjs = write(
      'relay.cjs',
      `const { createRelay } = require('usercom-relay')
       const { serve, toNodeHandler } = require('usercom-relay/node')
       console.log(typeof createRelay, typeof serve, typeof toNodeHandler)`,
    )
    expect((await run(findNode(major), [esm])).stdout).toBe('function function function\n')
    expect((await run(findNode(major), [commonjs])).stdout).toBe('function function function\n')
  })

  it('has the command, which serves the packed script', async () => {
    const file = write(
      'serve.mjs',
      `import { serve } from 'usercom-relay/node'
       const relay = await serve({ subdomain: 'acme', apiKey: 'Cs'.repeat(32), port: 0 })
       const response = await fetch(relay.url + '/usercom.js')
       console.log(response.status, (await response.text()).length > 1000)
       await relay.close()`,
    )
    expect((await run(findNode(major), [file])).stdout).toBe('200 true\n')
    const command = join(consumer, 'node_modules/.bin/usercom-relay')
    expect((await run(findNode(major), [command, '--help'])).stdout).toContain('usercom-relay')
  })
})

describe('TypeScript', () => {
  const forSnippet = `
    const options: Options = { endpoint: '/identify', consent: 'required', onResult: (result: Result) => void result.ok }
    const client: Client = createClient(options)
    const test: Client = createTestClient(options)
    const attributes: Attributes = { email: 'myemail@example.org', tags: ['new'], born: new Date(0), score: 1 }
    export const status = async (): Promise<string> => {
      const result = await identify(attributes, { force: true })
      if (result.ok) return result.status
      return result.reason + result.issues.map((issue) => issue.field + issue.code + issue.message).join()
    }
    export const parsed: string[] = parseAttributes(attributes).issues.map(({ code }) => code)
    // @ts-expect-error an attribute is no object
    void client.identify({ email: {} })
    // @ts-expect-error there is no such option
    test.init({ endpont: '/identify' })
  `
  const importSnippet = `
    import { createClient, identify, type Attributes, type Client, type Options, type Result } from 'usercom-snippet'
    import { parseAttributes } from 'usercom-snippet/attributes'
    import { createTestClient } from 'usercom-snippet/testing'
  `
  const forRelay = `
    import { createRelay, RelayOptionsError, type Relay, type RelayOptions } from 'usercom-relay'
    const options: RelayOptions = { subdomain: 'acme', apiKey: '', allowedOrigins: ['https://www.example.com'] }
    export const relay: Relay = createRelay(options)
    export const answer = (request: Request): Promise<Response> => relay.fetch(request, { address: '203.0.113.7' })
    export const isWrong = (error: unknown): boolean => error instanceof RelayOptionsError
    // @ts-expect-error the key is required
    createRelay({ subdomain: 'acme' })
  `
  const forNode = `
    import { createServer } from 'node:http'
    import { createRelay } from 'usercom-relay'
    import { serve, toNodeHandler, type RelayServer } from 'usercom-relay/node'
    createServer(toNodeHandler(createRelay({ subdomain: 'acme', apiKey: '' })))
    export const server: Promise<RelayServer> = serve({ subdomain: 'acme', apiKey: '', outbox: 'sqlite:./people.db' })
  `

  /** Compiles without `skipLibCheck`, so that the published declarations are checked as well. */
  const compile = async (
    files: Record<string, string>,
    compilerOptions: Record<string, unknown>,
  ): Promise<string> => {
    const names = Object.entries(files).map(([name, content]) => write(name, content))
    const config = write(
      `tsconfig.${Object.values(compilerOptions).join('-').replace(/\W+/g, '-')}.json`,
      JSON.stringify({
        compilerOptions: {
          strict: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          skipLibCheck: false,
          noEmit: true,
          target: 'es2022',
          lib: ['es2022', 'dom'],
          types: [],
          ...compilerOptions,
        },
        files: names,
      }),
    )
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    return run(process.execPath, [tsc, '-p', config]).then(
      ({ stdout }) => stdout,
      ({ stdout }: { stdout: string }) => stdout,
    )
  }
  const asModule = (content: string) => importSnippet + content

  it('takes the snippet as a bundler resolves it', async () => {
    const files = { 'bundler.ts': asModule(forSnippet) }
    expect(await compile(files, { module: 'esnext', moduleResolution: 'bundler' })).toBe('')
  })

  it('takes the snippet as Node resolves it, in ES modules and in CommonJS', async () => {
    const files = { 'node16.mts': asModule(forSnippet), 'node16.cts': asModule(forSnippet) }
    expect(await compile(files, { module: 'node16', moduleResolution: 'node16' })).toBe('')
  })

  it('takes the snippet for the oldest browsers that it runs in', async () => {
    const files = { 'es2020.ts': asModule(forSnippet) }
    const options = {
      module: 'esnext',
      moduleResolution: 'bundler',
      target: 'es2020',
      lib: ['es2020', 'dom'],
    }
    expect(await compile(files, options)).toBe('')
  })

  it('takes the core of the relay without the types of Node', async () => {
    const bundler = { module: 'esnext', moduleResolution: 'bundler' }
    const node16 = { module: 'node16', moduleResolution: 'node16' }
    expect(await compile({ 'relay.ts': forRelay }, bundler)).toBe('')
    expect(await compile({ 'relay.mts': forRelay, 'relay.cts': forRelay }, node16)).toBe('')
  })

  it('takes the relay for Node', async () => {
    // What such a project has installed as well.
    const types = join(consumer, 'node_modules/@types')
    mkdirSync(types, { recursive: true })
    if (!readdirSync(types).includes('node')) {
      symlinkSync(join(root, 'node_modules/@types/node'), join(types, 'node'))
    }
    const options = { types: ['node'], lib: ['es2022'] }
    const bundler = { module: 'esnext', moduleResolution: 'bundler', ...options }
    const node16 = { module: 'node16', moduleResolution: 'node16', ...options }
    expect(await compile({ 'serve.ts': forNode }, bundler)).toBe('')
    expect(await compile({ 'serve.mts': forNode, 'serve.cts': forNode }, node16)).toBe('')
  })
})
