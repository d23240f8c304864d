using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;

namespace AgentKit.Tools.BuiltIn.Facts;

/// <summary>Keeps facts between conversations.</summary>
internal static class FactTools
{
    private const int LongestFact = 4000;
    private const int MostFacts = 5;

    public static IEnumerable<AIFunction> Create(IFactStore store) => [new Remember(store), new Recall(store), new Forget(store)];

    /// <summary>Stores a fact; the same call again stores nothing again.</summary>
    private sealed class Remember(IFactStore store) : SchemaTool(
        "remember",
        "Store a fact for later.",
        """{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}""",
        new ToolContract(ToolReplay.Idempotent, SideEffect.LocalWrite))
    {
        protected override async ValueTask<string> RunAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
        {
            string text = TextOf(arguments, "text").Trim();
            if (text.Length == 0) throw new ToolException("the fact is empty");
            if (text.Length > LongestFact) throw new ToolException($"the fact has {text.Length} characters; {LongestFact} at most are stored");
            await store.RememberAsync(text, ToolCallKey.Find(arguments), cancellationToken);
            return "Stored.";
        }
    }

    /// <summary>Finds facts, one a line.</summary>
    private sealed class Recall(IFactStore store) : BuiltInTool(
        "recall", "Look up stored facts.", "query", new ToolContract(ToolReplay.Idempotent, SideEffect.LocalRead))
    {
        protected override async ValueTask<string> RunAsync(string argument, CancellationToken cancellationToken)
        {
            IReadOnlyList<StoredFact> facts = await store.RecallAsync(argument, MostFacts, cancellationToken);
            return facts.Count == 0 ? "No facts." : string.Join('\n', facts.Select(fact => $"[{fact.Id}] {fact.Text}"));
        }
    }

    /// <summary>Removes a fact by the id that <c>recall</c> tells.</summary>
    private sealed class Forget(IFactStore store) : BuiltInTool(
        "forget", "Remove a stored fact by the id that recall tells.", "id", new ToolContract(ToolReplay.Idempotent, SideEffect.LocalWrite))
    {
        protected override async ValueTask<string> RunAsync(string argument, CancellationToken cancellationToken) =>
            await store.ForgetAsync(argument.Trim('[', ']', ' '), cancellationToken)
                ? "Forgotten."
                : throw new ToolException($"there is no fact '{argument}'; recall tells the ids");
    }
}
