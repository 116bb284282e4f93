// Bundles src/main.js of a project, minified for browsers: node bundle.mjs <tool> <project folder>
// Prints JSON: the file, and the modules that went into it.
import { join } from 'node:path'

const [tool, project] = process.argv.slice(2)
const entry = join(project, 'src/main.js')
const folder = join(project, 'out', tool)
const file = join(folder, 'main.js')

const bundlers = {
  async esbuild() {
    const { build } = await import('esbuild')
    const { metafile } = await build({
      absWorkingDir: project,
      entryPoints: [entry],
      outfile: file,
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2020',
      metafile: true,
      logLevel: 'error',
    })
    return Object.keys(metafile.inputs).map((path) => join(project, path))
  },

  async rollup() {
    const { rollup } = await import('rollup')
    const { nodeResolve } = await import('@rollup/plugin-node-resolve')
    const { default: terser } = await import('@rollup/plugin-terser')
    const bundle = await rollup({ input: entry, plugins: [nodeResolve({ browser: true }), terser()] })
    const { output } = await bundle.write({ file, format: 'es' })
    return Object.keys(output[0].modules)
  },

  async vite() {
    const { build } = await import('vite')
    const { output } = await build({
      root: project,
      configFile: false,
      logLevel: 'error',
      build: {
        outDir: folder,
        target: 'es2020',
        modulePreload: false,
        rollupOptions: { input: entry, output: { entryFileNames: 'main.js' } },
      },
    })
    return output[0].moduleIds
  },

  async webpack() {
    const { default: webpack } = await import('webpack')
    const stats = await new Promise((resolve, reject) =>
      webpack(
        {
          mode: 'production',
          context: project,
          entry,
          target: ['web', 'es2020'],
          output: { path: folder, filename: 'main.js' },
        },
        (error, stats) =>
          error || stats.hasErrors()
            ? reject(error ?? new Error(stats.toString('errors-only')))
            : resolve(stats),
      ),
    )
    const modules = [...stats.compilation.modules].flatMap((module) => module.modules ?? [module])
    // What webpack joined into one module is listed by itself as well.
    return [...new Set(modules.map(({ resource }) => resource).filter(Boolean))]
  },
}

console.log(JSON.stringify({ file, modules: await bundlers[tool]() }))
