import { defineConfig } from 'vitest/config'

/** Real browsers, sockets and processes: slow to start on a small machine, so a test may take minutes, never a retry. */
const real = { environment: 'node' as const, testTimeout: 180_000, hookTimeout: 180_000 }

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'attributes', environment: 'node', include: ['test/attributes/**/*.test.ts'] } },
      { test: { name: 'jsdom', environment: 'jsdom', include: ['test/snippet/**/*.test.ts'] } },
      { test: { name: 'happy-dom', environment: 'happy-dom', include: ['test/snippet/**/*.test.ts'] } },
      { test: { name: 'project', ...real, include: ['test/project/**/*.test.ts'] } },
      { test: { name: 'relay', ...real, include: ['relay/test/**/*.test.ts'] } },
      { test: { name: 'engines', ...real, include: ['test/engines/**/*.test.ts'], fileParallelism: false } },
      {
        test: {
          name: 'packaging',
          ...real,
          // npm, bundlers and frameworks take their time on a small machine.
          testTimeout: 240_000,
          hookTimeout: 240_000,
          // After all others, which it would take both cores from.
          sequence: { groupOrder: 1 },
          include: ['test/packaging/**/*.test.ts'],
          globalSetup: ['test/packaging/setup.ts'],
        },
      },
      { test: { name: 'runtimes', ...real, include: ['test/runtimes/**/*.test.ts'] } },
      { test: { name: 'mounts', environment: 'jsdom', include: ['demo/mounts/*/app/**/*.test.tsx'] } },
      { test: { name: 'browser', ...real, include: ['test/browser/**/*.test.ts'], fileParallelism: false } },
    ],
  },
})
