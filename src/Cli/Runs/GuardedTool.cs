using System.Text.Json;
using System.Text.Encodings.Web;
using AgentKit.Kernel.Errors;
using Microsoft.Extensions.AI;

namespace AgentKit.Cli.Runs;

/// <summary>A tool that runs only when the call is approved.</summary>
internal sealed class GuardedTool(AIFunction tool, Approval approval) : DelegatingAIFunction(tool)
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        if (await approval.RefusalAsync(this, Text(arguments), cancellationToken) is { } refusal) throw new ToolException(refusal);
        return await base.InvokeCoreAsync(arguments, cancellationToken);
    }

    private static string Text(AIFunctionArguments arguments)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Readable))
        {
            writer.WriteStartObject();
            foreach ((string name, object? value) in arguments)
            {
                writer.WritePropertyName(name);
                if (value is JsonElement json) json.WriteTo(writer);
                else writer.WriteStringValue(value?.ToString());
            }

            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
