using Spectre.Console;
using Spectre.Console.Rendering;

namespace AgentKit.Cli.Output;

/// <summary>
/// Where each kind of output goes. Results go to standard output. Tables and progress are for people: they go to standard output when
/// that is a terminal and <c>--json</c> is off, else to standard error, so that a pipe never sees them.
/// </summary>
internal sealed class Screen
{
    private readonly Terminal _terminal;
    private readonly IAnsiConsole _people;
    private readonly bool _json;
    private readonly bool _quiet;

    public Screen(Terminal terminal, bool json, bool quiet)
    {
        _terminal = terminal;
        _json = json;
        _quiet = quiet;
        PeopleReadStandardOutput = terminal.OutIsTerminal && !json;
        _people = terminal.Rich(PeopleReadStandardOutput);
    }

    /// <summary>Tables and progress share the stream of the results.</summary>
    public bool PeopleReadStandardOutput { get; }

    /// <summary>A piece of a result; nothing with <c>--json</c>, whose document carries it.</summary>
    public void Write(string text)
    {
        if (!_json) _terminal.Out.Write(text);
    }

    /// <summary>A line of a result; nothing with <c>--json</c>.</summary>
    public void WriteLine(string text = "") => Write(text + Environment.NewLine);

    /// <summary>A table or the like that is the command's result; nothing with <c>--json</c>.</summary>
    public void Show(IRenderable renderable)
    {
        if (!_json) _people.Write(renderable);
    }

    /// <summary>A line of the command's result in Spectre markup, unbroken however long; nothing with <c>--json</c>.</summary>
    public void ShowLine(string markup)
    {
        if (!_json) WriteMarkup(markup);
    }

    /// <summary>A line of progress in Spectre markup; nothing with <c>--quiet</c>.</summary>
    public void Progress(string markup)
    {
        if (!_quiet) WriteMarkup(markup);
    }

    /// <summary>A line about how the command ended that must not be lost, on standard error.</summary>
    public void Notice(string text) => _terminal.Error.WriteLine(text);

    private void WriteMarkup(string markup)
    {
        // Spectre breaks lines at the width of the terminal; a broken path or command cannot be copied.
        int width = _people.Profile.Width;
        _people.Profile.Width = int.MaxValue / 2;
        _people.MarkupLine(markup);
        _people.Profile.Width = width;
    }
}
