import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseEnvironment } from '../src/node/parseEnvironment.js'
import { startRelay } from './support/startRelay.js'

const folder = new URL('../deploy/', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8')

interface Service {
  environment?: Record<string, string>
  command?: string[]
  ports?: string[]
  volumes?: string[]
}
/** YAML's anchors and merge keys included, as Compose reads them. */
const compose = parse(read('compose.yaml'), { merge: true }) as {
  services: Record<string, Service>
  volumes: Record<string, unknown>
}

/** The names of everything that a relay shows, histograms' parts included. */
const readShown = async (): Promise<Set<string>> => {
  const { request } = await startRelay({ outbox: 'memory:' })
  const { text } = await request('/metrics')
  return new Set(
    [...text.matchAll(/^# TYPE (\S+) (\S+)/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    ),
  )
}

const namesIn = (expression: string) => expression.match(/\b(?:usercom_relay|nodejs|process)_\w+/g) ?? []
const expectShown = (shown: Set<string>, expressions: string[]) => {
  const names = expressions.flatMap(namesIn)
  expect(names.length).toBeGreaterThanOrEqual(expressions.length)
  expect(names.filter((name) => !shown.has(name))).toEqual([])
}

describe('deploy/', () => {
  it('compose.yaml: two relays on one durable Redis, and Prometheus', () => {
    const { services, volumes } = compose
    expect(Object.keys(services).sort()).toEqual(['prometheus', 'redis', 'relay-1', 'relay-2'])
    const redis = services['redis']?.command?.join(' ')
    for (const option of ['--appendonly yes', '--appendfsync always', '--maxmemory-policy noeviction'])
      expect(redis).toContain(option)
    for (const name of ['relay-1', 'relay-2'])
      expect(services[name]?.environment?.['RELAY_OUTBOX']).toBe('redis://redis:6379/0')
    const used = Object.values(services)
      .flatMap(({ volumes: mounted = [] }) => mounted)
      .map((mount) => mount.split(':')[0] ?? '')
    expect(used.filter((name) => !name.startsWith('.')).sort()).toEqual(Object.keys(volumes).sort())
    // Nothing but what balances the load is to be reached from elsewhere.
    for (const { ports = [] } of Object.values(services))
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/)
  })

  it('compose.yaml sets variables that the relay knows', () => {
    for (const name of ['relay-1', 'relay-2'])
      for (const [variable, value] of Object.entries(compose.services[name]?.environment ?? {})) {
        // A number is read as such; nothing that is unknown is read at all.
        const set = parseEnvironment({ [variable]: value.startsWith('$') ? '1' : value })
        expect(Object.keys(set).length + Number(variable === 'RELAY_OUTBOX'), variable).toBe(2)
      }
    const asked = read('compose.yaml').matchAll(/\$\{(\w+)/g)
    const offered = [...read('.env.example').matchAll(/^(\w+)=/gm)].map(([, name]) => name)
    expect([...new Set([...asked].map(([, name]) => name))].sort()).toEqual(offered.sort())
  })

  it('prometheus.yml looks where the relays show their metrics', () => {
    const { scrape_configs, rule_files } = parse(read('prometheus.yml')) as {
      scrape_configs: { static_configs: { targets: string[] }[] }[]
      rule_files: string[]
    }
    const targets = scrape_configs.flatMap(({ static_configs }) =>
      static_configs.flatMap(({ targets }) => targets),
    )
    expect(targets).toEqual(
      ['relay-1', 'relay-2'].map(
        (name) => `${name}:${compose.services[name]?.environment?.['RELAY_METRICS_PORT']}`,
      ),
    )
    const mounted = compose.services['prometheus']?.volumes?.join('\n')
    for (const file of ['prometheus.yml', ...rule_files])
      expect(mounted).toContain(`./${file}:/etc/prometheus/${file}:ro`)
  })

  it('alerts.yml and the dashboard ask for metrics that there are', async () => {
    const shown = await readShown()
    const { groups } = parse(read('alerts.yml')) as { groups: { rules: { alert: string; expr: string }[] }[] }
    expectShown(
      shown,
      groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
    )
    const { panels } = JSON.parse(read('grafana/usercom-relay.json')) as {
      panels: { id: number; title: string; targets: { expr: string }[] }[]
    }
    expectShown(
      shown,
      panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    )
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  })

  it('Dockerfile starts the command that the package has', () => {
    const { bin, name } = JSON.parse(readFileSync(new URL('../package.json', folder), 'utf8')) as {
      bin: Record<string, string>
      name: string
    }
    const command = /^CMD (\[.*\])$/m.exec(read('Dockerfile'))?.[1] ?? ''
    expect(JSON.parse(command)).toEqual(['node', `node_modules/${name}/${bin[name]?.replace('./', '')}`])
    expect(read('Dockerfile')).toMatch(/^USER node$/m)
  })

  it('compose.yaml is what docker compose takes', async ({ skip }) => {
    const docker = promisify(execFile)
    const args = ['compose', '-f', fileURLToPath(new URL('compose.yaml', folder))]
    try {
      await docker('docker', ['compose', 'version'])
    } catch {
      console.log('Skipped: there is no docker compose here; its file was parsed as YAML all the same')
      skip()
    }
    await docker('docker', [
      ...args,
      '--env-file',
      fileURLToPath(new URL('.env.example', folder)),
      'config',
      '--no-interpolate',
    ])
  })
})
