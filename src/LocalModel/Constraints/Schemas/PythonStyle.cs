using System.Text.Json;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>Python literals: JSON, but for <c>True</c>, <c>False</c> and <c>None</c>.</summary>
internal sealed class PythonStyle(JsonSchemaOptions options) : JsonStyle(options)
{
    internal override bool CanWatch => false;

    internal override GrammarExpression Word(JsonValueKind kind) => Grammar.Literal(kind switch
    {
        JsonValueKind.Null => "None",
        JsonValueKind.True => "True",
        _ => "False",
    });
}
