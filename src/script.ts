import { attempt } from './attributes/attempt'
import { createClient } from './createClient'
import type { Page, RecordedCall } from './page'
import { findTag, readTag } from './readTag'

declare const module: { exports: unknown }

const page = globalThis as Page & {
  define?: { (name: string, factory: () => unknown): void; amd?: unknown }
}
const stub = page.UserCom

/** `currentScript` is null in modules and in code that a tag manager injected: then the first tag that looks like ours. */
const readOwnTag = () => {
  const options = readTag((document.currentScript as HTMLScriptElement | null) ?? findTag())
  // A boolean attribute: that it is there is enough.
  return { ...options, debug: 'debug' in options }
}

/** The first script wins: a second one, of whatever version, leaves it. */
const UserCom = stub?.createClient?.call ? stub : install()

function install() {
  // On a server there is no tag.
  const client = createClient(attempt(readOwnTag))
  const replay = ([name, resolve, ...args]: RecordedCall) =>
    resolve((client[name] as (...args: unknown[]) => unknown)(...args))
  const isSetting = ([name]: RecordedCall) => +/init|cons/.test(name)

  // In-app browsers wrap globals in proxies that turn calls into `push`: the list is taken away before it is replayed,
  // and the replay goes past the global.
  const calls = stub?.q ?? []
  // A form of that name has fields for properties: what has no `splice` is none of the stub's.
  const early = calls.splice?.(0) ?? []
  calls.push = replay as never
  const UserCom = { ...client, createClient }
  // Where an app has made the global its own, `q.push` is what is left: assigning would throw.
  Reflect.set(page, 'UserCom', UserCom)
  for (const call of early.sort((one, other) => isSetting(other) - isSetting(one))) replay(call)
  return UserCom
}

// Written by hand and not by rollup's `umd`: that one sets no global where RequireJS is, and its anonymous `define`
// throws there when a plain script tag loads it.
attempt(() => (module.exports = UserCom))
if (page.define?.amd) page.define('UserCom', () => UserCom)
