using AgentKit.Cli.App;
using AgentKit.Models;
using Spectre.Console;

namespace AgentKit.Cli.Models;

/// <summary>Opens the model that <c>--model</c> names.</summary>
internal static class ModelOpener
{
    /// <exception cref="AgentKit.Kernel.Errors.UserInputException">There is no such model, or its file is not a sound GGUF.</exception>
    /// <exception cref="NativeRuntimeException">The llama.cpp libraries are missing or do not fit.</exception>
    public static LocalModel Open(CommandContext context)
    {
        LocalModel model = LocalModel.Open(ModelLocator.Resolve(context.Model, context.Data), null, context.Loggers);
        foreach (string note in model.Settings.Notes) context.Screen.Progress($"[yellow]note:[/] {Markup.Escape(note)}");
        return model;
    }
}
