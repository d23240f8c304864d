using System.Globalization;
using AgentKit.Kernel.Tools;

namespace AgentKit.Tools.BuiltIn;

/// <summary>Tells local date and time to the minute, as <c>2025-06-02 14:30</c>.</summary>
internal sealed class ClockTool(TimeProvider time) : BuiltInTool(
    "clock", "Get the current date and time.", parameter: null, new ToolContract(ToolReplay.Idempotent, SideEffect.LocalRead))
{
    protected override ValueTask<string> RunAsync(string argument, CancellationToken cancellationToken) =>
        new(time.GetLocalNow().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture));
}
