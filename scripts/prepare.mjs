// Installs what a fresh clone is missing, and says each thing that it does. Plain Node: nothing is installed yet.
//   node scripts/prepare.mjs               the packages that the build and the demo need
//   node scripts/prepare.mjs --for-tests   also browsers, Redis, and the tools that only the tests use
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const forTests = process.argv.includes('--for-tests')
const chromiumVariable = process.env.CHROME_PATH ? 'CHROME_PATH' : 'CHROMIUM_PATH'
const chromiums = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

if (Number(process.versions.node.split('.')[0]) < 20)
  fail(`Node 20 or newer is needed, this is ${process.version}`)

if (forTests) installPrograms()
installPackages('.')
if (forTests) {
  installPackages('test/packages')
  installPackages('demo/mounts')
}

function installPackages(folder) {
  const at = join(root, folder)
  const installed = modifiedMs(join(at, 'node_modules/.package-lock.json'))
  if (installed >= modifiedMs(join(at, 'package-lock.json'))) return
  say(`installing packages in ${folder === '.' ? 'this folder' : folder}, which may take some minutes`)
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: at })
}

/** What the tests drive: the program that proves it is there, and Debian's packages that bring it. */
function installPrograms() {
  const programs = [
    { name: 'Chromium', here: has(chromiumVariable, chromiums), packages: ['chromium'] },
    { name: 'Firefox', here: has('FIREFOX_PATH', ['firefox-esr', 'firefox']), packages: ['firefox-esr'] },
    {
      name: 'WebKit',
      here: has('WEBKIT_DRIVER', ['WebKitWebDriver']) && hasMiniBrowser(),
      packages: ['webkit2gtk-driver'],
    },
    { name: 'Xvfb', here: has('XVFB', ['Xvfb']), packages: ['xvfb'] },
    {
      name: 'Redis',
      here: has('REDIS_SERVER', ['redis-server', 'valkey-server']),
      packages: ['redis-server'],
    },
  ]
  const missing = programs.filter((program) => !program.here)
  if (!missing.length) return
  const names = missing.map((program) => program.name).join(', ')
  if (!has('', ['apt-get']))
    fail(`${names} must be installed for the tests: there is no apt-get here to do it with`)
  const isRoot = process.getuid?.() === 0
  if (!isRoot && !has('', ['sudo']))
    fail(`${names} must be installed for the tests: run this as root, or install sudo`)
  const packages = missing.flatMap((program) => program.packages)
  say(`installing ${names} (${packages.join(' ')})`)
  const apt = (...args) => {
    // A package that starts a server when it is installed must not do so here: the tests start their own. By `env`,
    // since sudo passes no variables on.
    const words = ['env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'apt-get', '-qq', ...args]
    run(isRoot ? words[0] : 'sudo', isRoot ? words.slice(1) : words, { quiet: true })
  }
  apt('update')
  apt('install', '-y', '--no-install-recommends', ...packages)
}

function hasMiniBrowser() {
  if (process.env.WEBKIT_BROWSER) return true
  if (!existsSync('/usr/lib')) return false
  return readdirSync('/usr/lib').some(
    (folder) =>
      folder.includes('-linux-') &&
      ['4.1', '6.0', '4.0'].some((api) => existsSync(`/usr/lib/${folder}/webkit2gtk-${api}/MiniBrowser`)),
  )
}

function has(variable, names) {
  const named = variable && process.env[variable]
  if (named && !canRun(named)) fail(`${variable} must name a program: nothing there can be run`)
  if (named) return true
  const folders = (process.env.PATH ?? '').split(delimiter)
  return names.some((name) =>
    (name.startsWith('/') ? [name] : folders.map((folder) => join(folder, name))).some(canRun),
  )
}

function canRun(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function modifiedMs(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0
}

function run(command, args, { cwd = root, quiet = false } = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    stdio: quiet ? 'pipe' : ['ignore', 'inherit', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status === 0) return
  fail(
    `${command} ${args.join(' ')} failed: ${error?.message ?? `exit code ${status}`}\n${stdout ?? ''}${stderr ?? ''}`,
  )
}

function say(text) {
  console.log(`prepare: ${text}`)
}

function fail(text) {
  console.error(`prepare: ${text}`)
  process.exit(1)
}
