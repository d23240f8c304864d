using System.Text.Json;

namespace AgentKit.Eval.Tasks.Instructions;

/// <summary>What an instruction is given: <c>{"num_words": 300, "relation": "at least"}</c>.</summary>
internal sealed class InstructionArguments(string instruction, JsonElement arguments)
{
    public string Text(string name) => Find(name).GetString() ?? throw Missing(name);

    // Some rows hold whole numbers as 3.0.
    public int Number(string name) => (int)Find(name).GetDouble();

    public IEnumerable<string> Texts(string name) => Find(name).EnumerateArray().Select(item => item.GetString() ?? throw Missing(name));

    /// <summary>Whether a count stands in the relation to the wanted one.</summary>
    /// <param name="count">What was counted.</param>
    /// <param name="number">The name of the wanted count.</param>
    /// <param name="relation">The name of the relation: <c>less than</c> or <c>at least</c>.</param>
    public bool Compare(int count, string number, string relation) => Text(relation) switch
    {
        "less than" => count < Number(number),
        "at least" => count >= Number(number),
        var other => throw new FormatException($"{instruction}: the relation '{other}' is neither 'less than' nor 'at least'."),
    };

    private JsonElement Find(string name) =>
        arguments.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : throw Missing(name);

    private FormatException Missing(string name) => new($"{instruction} has no '{name}'.");
}
