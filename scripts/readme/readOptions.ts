import { readFileSync } from 'node:fs'
import ts from 'typescript'

/** One member of an options type, as its source documents it. */
export type DocumentedOption = { name: string; isRequired: boolean; meaning: string; defaultText: string }

const toText = (comment: Parameters<typeof ts.getTextOfJSDocComment>[0]) =>
  (ts.getTextOfJSDocComment(comment) ?? '').split(/\s+/).join(' ').trim()

const isTypeNamed = (
  node: ts.Statement,
  name: string,
): node is ts.TypeAliasDeclaration | ts.InterfaceDeclaration =>
  (ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node)) && node.name.text === name

/** Reads the members of a type and what their comments say, in order. */
export const readOptions = (file: string, typeName: string): DocumentedOption[] => {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const declaration = source.statements.find((node) => isTypeNamed(node, typeName))
  if (!declaration) throw new Error(`${file} has no type ${typeName}`)
  const members = ts.isInterfaceDeclaration(declaration)
    ? declaration.members
    : ts.isTypeLiteralNode(declaration.type)
      ? declaration.type.members
      : []
  return [...members].filter(ts.isPropertySignature).map((member) => {
    const [doc] = ts.getJSDocCommentsAndTags(member).filter(ts.isJSDoc)
    const defaultTag = ts.getJSDocTags(member).find((tag) => tag.tagName.text === 'default')
    return {
      name: member.name.getText(source),
      isRequired: !member.questionToken,
      meaning: toText(doc?.comment),
      defaultText: toText(defaultTag?.comment),
    }
  })
}
