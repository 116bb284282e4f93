import { toVariable } from '../../relay/src/node/parseEnvironment.js'
import { readOptions, type DocumentedOption } from './readOptions'
import { toTable } from './toTable'

/** Values read as code, sentences as they are. */
const toDefault = ({ isRequired, defaultText }: DocumentedOption) => {
  if (isRequired) return 'required'
  return /^['[\d]\S*$/.test(defaultText) || /^(?:true|false)$/.test(defaultText)
    ? `\`${defaultText}\``
    : defaultText
}

/** The options of `init` and `createClient`. */
export const toPageOptionTable = (): string =>
  toTable(
    ['option', 'default', 'meaning'],
    readOptions('src/types.ts', 'Options').map((option) => [
      `\`${option.name}\``,
      toDefault(option),
      option.meaning,
    ]),
  )

/** The options of `createRelay`, then those that only `serve` has, each with the variable that sets it for the command. */
export const toRelayOptionTable = (): string => {
  const relayOptions = readOptions('relay/src/relayOptions.ts', 'RelayOptions')
  const serverOptions = readOptions('relay/src/node/serve.ts', 'ServeOptions').filter(
    ({ name }) => !relayOptions.some((option) => option.name === name),
  )
  return toTable(
    ['option', 'environment', 'default', 'meaning'],
    [...relayOptions, ...serverOptions].map((option) => {
      const variable = toVariable(option.name)
      return [
        `\`${option.name}\``,
        variable === option.name ? '' : `\`${variable}\``,
        toDefault(option),
        option.meaning,
      ]
    }),
  )
}
