import { createClient } from './createClient'
import type { Page, RecordedCall } from './page'
import { readTag } from './readTag'

declare const module: { exports: unknown } | undefined
declare const define: { (name: string, factory: () => unknown): void; amd?: unknown } | undefined

const page = globalThis as Page
const stub = page.UserCom

/** The first script wins: a second one, of whatever version, leaves it. */
const UserCom = stub?.createClient?.call ? stub : install()

function install() {
  const options = typeof document !== 'undefined' ? readTag() : {}
  // A boolean attribute: that it is there is enough.
  options.debug = 'debug' in options
  const client = createClient(options)
  const replay = (calls: RecordedCall[]) => {
    for (const [name, args, resolve, key] of calls)
      resolve((client[name] as (...args: unknown[]) => unknown)(args[0], args[1], key))
    return 0
  }
  const isSetting = ([name]: RecordedCall) => +/init|cons/.test(name)

  // In-app browsers wrap globals in proxies that turn calls into `push`: the list is taken away before it is replayed,
  // and the replay goes past the global.
  const calls = stub?.q ?? []
  // A form of that name has fields for properties: what has no `splice` is none of the stub's.
  const early = calls.splice?.(0) ?? []
  calls.push = (...late) => replay(late)
  const UserCom = { ...client, createClient }
  // Where an app has made the global its own, `q.push` is what is left: assigning would throw.
  Reflect.set(page, 'UserCom', UserCom)
  replay(early.sort((one, other) => isSetting(other) - isSetting(one)))
  return UserCom
}

// Written by hand and not by rollup's `umd`: that one sets no global where RequireJS is, and its anonymous `define`
// throws there when a plain script tag loads it.
if (typeof module === 'object') module.exports = UserCom
else if (typeof define === 'function' && define.amd) define('UserCom', () => UserCom)
