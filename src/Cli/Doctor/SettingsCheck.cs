using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Kernel.Errors;
using AgentKit.Models;

namespace AgentKit.Cli.Doctor;

/// <summary>Opens the model of <c>--model</c> and says which sizes are in effect.</summary>
internal static class SettingsCheck
{
    public static async Task<DoctorCheck> RunAsync(CommandContext context)
    {
        try
        {
            await using LocalModel model = ModelOpener.Open(context);
            ModelSettings settings = model.Settings;
            return new(
                "settings",
                true,
                $"{context.Model}: {settings.ContextLength} tokens of context, {settings.Parallel} at once, {settings.Threads} threads, "
                + $"{settings.GpuLayers} layers on GPUs");
        }
        catch (Exception e) when (e is UserInputException or NativeRuntimeException)
        {
            string found = $"{context.Model} does not load: {e.Message}";
            return new("settings", false, found, "Mend what is said above, or name another model with -m.");
        }
    }
}
