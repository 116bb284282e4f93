import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryOutbox } from '../src/memoryOutbox.js'
import { sqliteOutbox } from '../src/node/sqliteOutbox.js'
import { describeOutbox } from './outbox.suite.js'

describeOutbox({
  name: 'memory',
  durable: false,
  clock: true,
  start: async () => ({ open: async (options) => memoryOutbox(options), stop: async () => {} }),
})

describeOutbox({
  name: 'sqlite',
  durable: true,
  clock: true,
  start: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'usercom-outbox-'))
    return {
      open: (options) => sqliteOutbox(join(folder, 'outbox.db'), options),
      stop: () => rm(folder, { recursive: true }),
    }
  },
})
