import { features, type SeenFeatures } from '../../test/engines/features'
import seen from '../../test/engines/features.json'
import { toTable } from './toTable'

const names = { chromium: 'Chromium', firefox: 'Firefox', webkit: 'WebKit' }

/** What each engine has, as the suite last saw it. */
export const toEngineTable = (): string =>
  toTable(
    ['uses', ...Object.values(names), 'without it'],
    features.map(([feature, , without]) => [
      feature,
      ...Object.keys(names).map((name) => ((seen as SeenFeatures)[name]?.[feature] ? 'yes' : 'no')),
      without,
    ]),
  )
