import { createClient } from './createClient'
import type { Page, RecordedCall } from './page'
import { readTag } from './readTag'

declare const module: { exports: unknown } | undefined
declare const define: { (name: string, factory: () => unknown): void; amd?: unknown } | undefined

const page = globalThis as Page
const stub = page.UserCom

/** The first script wins: a second one, of whatever version, leaves it. */
const UserCom = stub?.createClient ? stub : install()

function install() {
  const options = typeof document !== 'undefined' ? readTag() : {}
  // A boolean attribute: that it is there is enough.
  options.debug = 'debug' in options
  const client = createClient(options)
  const replay = ([name, args, resolve, key]: RecordedCall) =>
    resolve((client[name] as (...args: unknown[]) => unknown)(args[0], args[1], key))
  const isSetting = ([name]: RecordedCall) => +/init|cons/.test(name)

  // In-app browsers wrap globals in proxies that turn calls into `push`: the list is taken away before it is replayed,
  // and the replay goes past the global.
  const calls = stub?.q ?? []
  const early = calls.splice(0)
  calls.push = (...late) => (late.forEach(replay), 0)
  page.UserCom = { ...client, createClient }
  early.sort((one, other) => isSetting(other) - isSetting(one)).forEach(replay)
  return page.UserCom
}

// Written by hand and not by rollup's `umd`: that one sets no global where RequireJS is, and its anonymous `define`
// throws there when a plain script tag loads it.
if (typeof module === 'object') module.exports = UserCom
else if (typeof define === 'function' && define.amd) define('UserCom', () => UserCom)
