using System.Text.Json.Nodes;
using AgentKit.Kernel.Runs;

namespace AgentKit.Cli.Runs;

/// <summary>The document of <c>run --json</c> and <c>runs show --json</c>.</summary>
internal static class RunDocument
{
    public static JsonObject ToDocument(this RunView run)
    {
        JsonObject document = run.ToJson();
        RunAnswer.Write(run, document);
        return document;
    }
}
