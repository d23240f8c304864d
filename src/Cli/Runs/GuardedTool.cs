using AgentKit.Cli.Output;
using AgentKit.Kernel.Errors;
using Microsoft.Extensions.AI;

namespace AgentKit.Cli.Runs;

/// <summary>A tool that runs only when the call is approved.</summary>
internal sealed class GuardedTool(AIFunction tool, Approval approval) : DelegatingAIFunction(tool)
{
    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        if (await approval.RefusalAsync(this, CompactJson.Of(arguments), cancellationToken) is { } refusal) throw new ToolException(refusal);
        return await base.InvokeCoreAsync(arguments, cancellationToken);
    }
}
