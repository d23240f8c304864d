namespace AgentKit.Tools.Processes;

/// <summary>Finds programs as a shell would, without one.</summary>
internal static class ProgramPath
{
    /// <summary>The full path of a program; <c>null</c> when there is none that may be executed.</summary>
    /// <param name="program">A name to be looked up in <paramref name="path"/>, or a path.</param>
    /// <param name="folder">What a relative path starts from.</param>
    /// <param name="path">The folders to look in, as in the variable PATH.</param>
    public static string? Find(string program, string folder, string? path)
    {
        if (program.Length == 0 || program.Contains('\0')) return null;
        if (program.IndexOfAny([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar]) >= 0)
            return Executable(Path.GetFullPath(program, folder));
        foreach (string place in (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            if (Path.IsPathFullyQualified(place) && Executable(Path.Combine(place, program)) is { } found) return found;
        }

        return null;
    }

    private static string? Executable(string path)
    {
        if (OperatingSystem.IsWindows())
            return new[] { "", ".exe", ".cmd", ".bat" }.Select(end => path + end).FirstOrDefault(File.Exists);
        const UnixFileMode execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return File.Exists(path) && (File.GetUnixFileMode(path) & execute) != 0 ? path : null;
    }
}
