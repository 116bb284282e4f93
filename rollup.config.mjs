import terser from '@rollup/plugin-terser'
import typescript from '@rollup/plugin-typescript'
import { dts } from 'rollup-plugin-dts'

const compile = () => typescript({ tsconfig: './tsconfig.json' })

// Brotli likes most what was there before: `let` alone in place of `let` and `const`. TypeScript has checked that nobody
// assigns; padded, so that the source map stays right.
const declareWithLet = {
  name: 'declare-with-let',
  renderChunk: (code) => ({ code: code.replace(/\bconst\b/g, 'let  '), map: null }),
}

// Three passes find what the first leaves; `unsafe_arrows` is safe because no function here is called with `new`.
// Top-level mangling is on because each script is wrapped in one function of its own. The properties that are mangled are
// ours alone: neither the page, nor storage, nor the wire has them.
const minify = () =>
  terser({
    ecma: 2020,
    toplevel: true,
    compress: { passes: 3, inline: 1, unsafe_arrows: true, keep_fargs: false },
    mangle: {
      properties: {
        builtins: true,
        regex: /^(?:takes|maxLength|form|open|readAll|write|wake|onPageChange)$/,
      },
    },
    format: { comments: false },
  })

const library = (name, input) => [
  {
    input,
    plugins: [compile()],
    output: [
      { file: `dist/${name}.js`, format: 'es', sourcemap: true },
      { file: `dist/${name}.cjs`, format: 'cjs', sourcemap: true, exports: 'named' },
    ],
  },
  {
    input,
    plugins: [dts()],
    output: [
      { file: `dist/${name}.d.ts`, format: 'es' },
      { file: `dist/${name}.d.cts`, format: 'es' },
    ],
  },
]

export default [
  ...library('index', 'src/index.ts'),
  ...library('attributes', 'src/attributes/index.ts'),
  ...library('testing', 'src/testing.ts'),
  {
    input: 'src/script.ts',
    plugins: [compile(), declareWithLet, minify()],
    // Its UMD wrapper is the end of src/script.ts: rollup's own would replace a stub that is already on the page.
    output: { file: 'dist/usercom.umd.js', format: 'iife', sourcemap: true },
  },
  {
    input: 'src/stub.ts',
    plugins: [compile(), declareWithLet, minify()],
    output: { file: 'dist/stub.js', format: 'iife' },
  },
]
