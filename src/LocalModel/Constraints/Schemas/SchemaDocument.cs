using System.Text.Json;

namespace AgentKit.Models.Constraints.Schemas;

/// <summary>A schema that was read, with everything it refers to.</summary>
/// <param name="Root">The whole schema.</param>
/// <param name="Warnings">What was not understood.</param>
internal sealed record SchemaDocument(Schema Root, IReadOnlyList<SchemaWarning> Warnings)
{
    /// <summary>Reads a document; see <see cref="SchemaReader"/>.</summary>
    internal static SchemaDocument Read(JsonElement schema) => new SchemaReader(schema).Read();
}
