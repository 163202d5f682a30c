# Build: the SDK publishes a framework-dependent, ReadyToRun application.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TARGETARCH=amd64
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src/Synthwave/Synthwave.csproj src/Synthwave/packages.lock.json src/Synthwave/
# Packages as locked; the publish adds the compiler of the one architecture it is for.
RUN dotnet restore src/Synthwave --locked-mode
COPY src src
RUN dotnet publish src/Synthwave -c Release -a $TARGETARCH -o /app

# Run: the ASP.NET runtime, no shell tools needed, any user but root, nothing written to disk.
FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
ENV META_MODEL_CONFIG=/etc/synthwave/meta-model.toml \
    DOTNET_EnableDiagnostics=0
USER $APP_UID
EXPOSE 8400
HEALTHCHECK --interval=15s --timeout=5s --start-period=5s CMD ["dotnet", "synthwave.dll", "ping"]
ENTRYPOINT ["dotnet", "synthwave.dll"]
CMD ["serve", "--host", "0.0.0.0"]
