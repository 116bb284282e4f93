import { dts } from 'rollup-plugin-dts'

// TypeScript takes the declarations of an ES module for one of CommonJS only where they are in files of its own.
export default Object.entries({ index: 'dist/index.d.ts', node: 'dist/node/index.d.ts' }).map(
  ([name, input]) => ({
    input,
    plugins: [dts()],
    output: { file: `cjs/${name}.d.cts` },
  }),
)
