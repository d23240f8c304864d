using Microsoft.Extensions.Options;

namespace AgentKit.Hosting;

/// <summary>Refuses options that cannot be meant, before anything is opened.</summary>
internal sealed class AgentKitOptionsCheck : IValidateOptions<AgentKitOptions>
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, AgentKitOptions options)
    {
        var faults = new List<string>();
        if (options.DrainTimeout < TimeSpan.Zero || options.DrainTimeout > Longest)
            faults.Add($"{nameof(options.DrainTimeout)} is {options.DrainTimeout}; 0 to {Longest} is allowed.");
        if (options.Journal is { } journal && string.IsNullOrWhiteSpace(journal))
            faults.Add($"{nameof(options.Journal)} is empty; a file is expected, or null for a journal in memory.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
