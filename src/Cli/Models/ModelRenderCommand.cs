using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Models.Templates;

namespace AgentKit.Cli.Models;

/// <summary><c>agentkit model render FILE --messages FILE</c>: a conversation as the model reads it, byte for byte.</summary>
internal static class ModelRenderCommand
{
    private static readonly Argument<string> File = TemplateOptions.File();

    private static readonly Option<string> Messages = new("--messages")
    {
        Description = "JSON file with an array of messages; the template sees them as they are.",
        HelpName = "file",
        Required = true,
    };

    private static readonly Option<string?> Tools = TemplateOptions.Tools();

    private static readonly Option<bool> NoGenerationPrompt = new("--no-generation-prompt")
    {
        Description = "Do not open an assistant message at the end.",
    };

    private static readonly Option<string[]> Variables = TemplateOptions.Variables();

    private static readonly Option<string?> Now = TemplateOptions.Now();

    public static Command Create(CommandHost host) => host.Handle(
        new Command("render", "Render a conversation with a model's chat template.")
        {
            File,
            Messages,
            Tools,
            NoGenerationPrompt,
            Variables,
            Now,
        },
        "agentkit model render nano --messages chat.json --tools tools.json --var enable_thinking=false",
        context => Task.FromResult(Run(context)));

    private static int Run(CommandContext context)
    {
        TemplateFile file = TemplateFile.Open(context.Parse.GetValue(File)!, context.Data);
        var input = new TemplateInput
        {
            Messages = JsonFile.ReadObjects(Messages.Name, context.Parse.GetValue(Messages)!, "messages"),
            Tools = TemplateOptions.ReadTools(context, Tools),
            AddGenerationPrompt = !context.Parse.GetValue(NoGenerationPrompt),
            BosToken = file.BosToken,
            EosToken = file.EosToken,
            Variables = TemplateOptions.ReadVariables(context, Variables),
        };
        string text = file.Template.Render(input, TemplateOptions.ReadClock(context, Now)).Text;
        context.Screen.Write(text);
        context.WriteJson(new RenderJson(text));
        return ExitCode.Done;
    }
}
